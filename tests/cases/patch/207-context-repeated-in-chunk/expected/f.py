class A:
    def f(self):
        pass

    def g(self):
        return

class B:
    def f(self):
        pass
