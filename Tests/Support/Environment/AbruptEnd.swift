/// The environment of a program that ends in the midst of things, its sockets open: the system takes back what it holds, and the address
/// sanitizer is not to call that a leak.
public let abruptEnd = ["LSAN_OPTIONS": "detect_leaks=0"]
