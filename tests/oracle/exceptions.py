def exception(v): return None
