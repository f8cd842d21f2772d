# shellcheck shell=bash
text=$(in-root /home/learner/count) || not_yet "There is no file count in the home folder."
[[ $text =~ ^[[:space:]]*[0-9]+[[:space:]]*$ ]] || not_yet "The file count does not hold a number alone."
number=$((text))
((number != 7)) || not_yet "The file count holds the number of all lines, with names that come twice."
((number == 5)) || not_yet "The file count holds another number."
pass "The file count holds the number of different names."
