if x:
    a
