#@ evidence The file code holds no number.
echo '$?' > ~/code
