/// The environment of a program that ends abruptly, with its sockets open: the system reclaims its memory, and the
/// address sanitizer must not report a leak.
public let abruptEnd = ["LSAN_OPTIONS": "detect_leaks=0"]
