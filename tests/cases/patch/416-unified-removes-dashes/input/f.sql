-- old
b
