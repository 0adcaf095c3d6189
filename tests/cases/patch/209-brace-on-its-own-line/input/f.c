int f()
{
  x();
}
int g()
{
  x();
}
int h()
{
  x();
}
