/// A pipe's reference to its link, which is neither counted nor weak.
///
/// A link holds its pipe, so that a strong reference would keep both when a reactor ends with connections on it. A weak
/// one would make every use of the link slower, and each message passes through it.
///
/// Proof: a link removes itself from its pipe before it is gone, with `linkDown`, or with `forget` in its deinit when
/// its reactor has ended first.
struct UncountedLink {
    private unowned(unsafe) var link: (any PipeLink)?

    @inline(__always)
    var value: (any PipeLink)? { link }

    @inline(__always)
    mutating func set(_ link: (any PipeLink)?) { self.link = link }
}
