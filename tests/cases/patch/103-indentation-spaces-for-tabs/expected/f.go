func f() {
	if b {
		c()
	}
}
