function f() {
  if (a) {
    if (c) {
      d()
    }
  }
}
