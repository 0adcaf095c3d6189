int f()
{
  x();
}
int g()
{
  y();
}
int h()
{
  x();
}
