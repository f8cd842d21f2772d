# shellcheck shell=bash
text=$(in-root /home/learner/code) || not_yet "There is no file code in the home folder."
[[ $text =~ ^[0-9]+$ ]] || not_yet "The file code holds no number."
((text != 0)) || not_yet "The file code holds 0, the number of a success."
pass "The file code holds $text."
