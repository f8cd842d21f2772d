#@ evidence The file code holds 0
false; true; echo $? > ~/code
