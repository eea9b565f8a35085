import Glibc

/// What the C library calls an errno value.
func errorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
