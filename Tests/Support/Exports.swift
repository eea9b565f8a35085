// What applications test with is what our own tests have, too.
@_exported public import ZMQReactorTesting
