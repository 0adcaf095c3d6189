++ new
b
