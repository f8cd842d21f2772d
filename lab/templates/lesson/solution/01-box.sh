false; echo $? > ~/code
#@ wait kept
