// Tests import this module and their test framework.
@_exported public import ZMQReactor
