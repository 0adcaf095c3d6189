class A:
    def run():
        if x:
            return 2
