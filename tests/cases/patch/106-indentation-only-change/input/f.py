if x:
  a
