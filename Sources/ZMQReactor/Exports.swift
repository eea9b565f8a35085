// Applications import this module alone.
@_exported public import EventReactor
@_exported public import ZMTP
