import Testing

/// `#expect` for values that cannot be copied, which the macro does not look into.
func check(_ holds: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: location)
}
