x
	}
