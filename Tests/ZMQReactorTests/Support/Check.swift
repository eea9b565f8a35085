import Testing

/// `#expect` for noncopyable values, which the macro cannot inspect.
func check(_ holds: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: location)
}
