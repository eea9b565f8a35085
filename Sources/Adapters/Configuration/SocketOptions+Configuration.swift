#if Configuration
    public import Configuration
    public import ZMQReactor

    extension SocketOptions {
        /// Options from a configuration: the defaults, or `options`, with the values of the keys that there are.
        ///
        /// ```swift
        /// let options = try SocketOptions(config: config.scoped(to: "orders"))
        /// ```
        ///
        /// A key is the name of the option, such as `sendHighWaterMark` and `limits.connections`. Times are seconds, or
        /// texts such as `500ms`; where an option may be nil, `none` stands for that. The keys of security are those of
        /// ``SocketSecurity``.
        ///
        /// - Throws: `invalidArgument`, with the key and its value, for a value of the wrong type or out of range. The
        ///   value of a secret is not in it.
        public init(config: ConfigReader, onto options: SocketOptions = SocketOptions()) throws(ZMQError) {
            self = options
            let values = ConfigValues(config: config)
            for key in OptionKey.all { try key.apply(values, &self) }
            do throws(ZMQError) { try check() } catch {
                throw .badKey(error.option ?? "?", because: error)
            }
            let securityValues = ConfigValues(config: config.scoped(to: "security"), scope: "security.")
            if let security = try SocketSecurity(securityValues) { self.security = security }
        }
    }

    extension Context {
        /// A context from a configuration: the keys `ioThreads`, `sendBudget` and `receiveBudget`, each as the argument
        /// of the other initializer; `none` for no budget.
        ///
        /// - Throws: `invalidArgument`, with the key and its value, for a value of the wrong type or out of range.
        public convenience init(config: ConfigReader) throws(ZMQError) {
            let values = ConfigValues(config: config)
            let ioThreads = try values.number("ioThreads") ?? 0
            guard (0...64).contains(ioThreads) else { throw .badKey("ioThreads", "\(ioThreads)", "0 to 64") }
            func budget(_ key: String) throws(ZMQError) -> Int? {
                guard let budget = try values.optional(key, values.number) else { return 2 << 30 }
                guard budget ?? 1 > 0 else { throw .badKey(key, "\(budget ?? 0)", "1 or more, or none") }
                return budget
            }
            self.init(
                ioThreads: ioThreads,
                sendBudget: try budget("sendBudget"),
                receiveBudget: try budget("receiveBudget")
            )
        }
    }
#endif
