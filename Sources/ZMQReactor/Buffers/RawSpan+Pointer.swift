extension RawSpan {
    /// The bytes, valid for as long as the span is: in the function that it was given to. A closure would be a call
    /// more for each message.
    @inline(__always)
    var pointer: UnsafeRawBufferPointer { withUnsafeBytes { $0 } }
}
