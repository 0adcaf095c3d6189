x
		a()
