public import Testing

/// `#expect` for what the macro cannot inspect: noncopyable values, and operands that change later.
public func check(_ holds: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: location)
}
