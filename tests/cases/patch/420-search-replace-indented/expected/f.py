class X:
  def f():
    a
    c
