class X:
  def f():
    a
    b
