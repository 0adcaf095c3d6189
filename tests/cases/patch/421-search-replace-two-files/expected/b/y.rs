2
three
4
