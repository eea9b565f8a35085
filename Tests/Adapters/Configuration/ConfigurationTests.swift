#if Configuration
    import Configuration
    import EventReactor
    import Testing
    import ZMQReactor
    import ZMQReactorConfiguration
    import ZMQReactorTestSupport

    /// Options, endpoints and security from a configuration.
    @Suite(.hangLimit)
    struct ConfigurationTests {
        private func reader(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
            ConfigReader(provider: InMemoryProvider(values: values))
        }

        private func environment(_ values: [String: String]) -> ConfigReader {
            ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values))
        }

        @Test("values of every kind, typed and as environment variables")
        func values() throws {
            let typed = try SocketOptions(
                config: reader([
                    "sendHighWaterMark": 5, "isConflating": true, "reconnectInterval": 2, "reconnectIntervalMax": 2.5,
                    "sendHighWaterMarkBytes": "none", "connectTimeout": "500ms", "linger": "untilSent",
                    "limits.connections": 7, "tcpKeepalive": false, "socksProxy": "localhost:1080",
                    "webSocketOrigins": .init(.stringArray(["https://a", "https://b"]), isSecret: false),
                    "webSocketClients": "binaryAndText",
                ])
            )
            #expect(typed.sendHighWaterMark == 5 && typed.isConflating && typed.sendHighWaterMarkBytes == nil)
            #expect(typed.reconnectInterval == .seconds(2) && typed.reconnectIntervalMax == .milliseconds(2500))
            #expect(typed.connectTimeout == .milliseconds(500) && typed.linger == .untilSent)
            #expect(typed.limits.connections == 7 && typed.tcpKeepalive == false)
            #expect(typed.socksProxy == "localhost:1080" && typed.webSocketOrigins == ["https://a", "https://b"])
            #expect(typed.receiveHighWaterMark == SocketOptions().receiveHighWaterMark)

            let fromEnvironment = try SocketOptions(
                config: environment([
                    "ORDERS_SEND_HIGH_WATER_MARK": "5", "ORDERS_IS_CONFLATING": "true",
                    "ORDERS_HEARTBEAT_INTERVAL": "2s",
                    "ORDERS_LINGER": "1min",
                ]).scoped(to: "orders")
            )
            #expect(fromEnvironment.sendHighWaterMark == 5 && fromEnvironment.isConflating)
            #expect(fromEnvironment.heartbeatInterval == .seconds(2) && fromEnvironment.linger == .atMost(.seconds(60)))
        }

        @Test(
            "a value of the wrong type or out of range is an error with key and value",
            arguments: [
                ("sendHighWaterMark", ConfigValue.init(.string("many"), isSecret: false), "many"),
                ("sendHighWaterMark", ConfigValue.init(.double(1.5), isSecret: false), "1.5"),
                ("sendHighWaterMark", ConfigValue.init(.int(-1), isSecret: false), "-1"),
                ("isConflating", ConfigValue.init(.int(2), isSecret: false), "2"),
                ("linger", ConfigValue.init(.string("soon"), isSecret: false), "soon"),
                ("reconnectInterval", ConfigValue.init(.string("-1s"), isSecret: false), "-1s"),
                ("reconnectInterval", ConfigValue.init(.bool(true), isSecret: false), "true"),
                ("connectTimeout", ConfigValue.init(.string("1e300h"), isSecret: false), "1e300h"),
                ("webSocketClients", ConfigValue.init(.string("all"), isSecret: false), "all"),
                ("socksProxy", ConfigValue.init(.intArray([1]), isSecret: false), "[1]"),
                ("backlog", ConfigValue.init(.int(0), isSecret: false), "0"),
                ("multicastHops", ConfigValue.init(.int(256), isSecret: false), "256"),
                ("security.mechanism", ConfigValue.init(.string("tls"), isSecret: false), "tls"),
            ]
        )
        func errors(key: String, value: ConfigValue, text: String) throws {
            let path = AbsoluteConfigKey(key.split(separator: ".").map(String.init), context: [:])
            let error = #expect(throws: ZMQError.self) { try SocketOptions(config: reader([path: value])) }
            #expect(error?.code == .invalidArgument && error?.option == key)
            #expect(error?.message.contains("'\(key)'") == true && error?.message.contains(text) == true, "\(error!)")
        }

        @Test("security: each mechanism; secrets are in no error")
        func security() throws {
            // The example of zmq_curve(7).
            let secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
            let pair = try CurveKeyPair(secretKey: CurveSecretKey(z85: secret))
            let server = try SocketOptions(
                config: reader([
                    "security.mechanism": "curveServer", "security.secretKey": .init(.string(secret), isSecret: true),
                    "security.publicKey": .init(.string(pair.publicKey.z85), isSecret: false),
                    "security.allowedKeys": "any",
                ])
            )
            #expect(server.security.mechanismName == "CURVE" && server.security.isServer)
            let client = try SocketOptions(
                config: reader([
                    "security.mechanism": "curveClient",
                    "security.serverKey": .init(.string(pair.publicKey.z85), isSecret: false),
                ])
            )
            #expect(client.security.mechanismName == "CURVE" && !client.security.isServer)
            let plain = try SocketOptions(
                config: reader([
                    "security.mechanism": "plainClient", "security.username": "me",
                    "security.password": .init(.string("hidden"), isSecret: true),
                ])
            )
            #expect(plain.security.mechanismName == "PLAIN")
            let wrong: [[AbsoluteConfigKey: ConfigValue]] = [
                ["security.mechanism": "curveServer", "security.secretKey": "hidden"],
                ["security.mechanism": "curveServer"],
                ["security.mechanism": "plainClient", "security.username": "me", "security.password": 5],
                ["security.mechanism": "curveClient", "security.serverKey": "short"],
                [
                    "security.mechanism": "curveServer", "security.secretKey": .init(.string(secret), isSecret: true),
                    "security.publicKey": .init(.string(try CurveKeyPair().publicKey.z85), isSecret: false),
                ],
            ]
            for values in wrong {
                let error = #expect(throws: ZMQError.self) { try SocketOptions(config: reader(values)) }
                #expect(error?.code == .invalidArgument && error?.option?.hasPrefix("security.") == true)
                #expect(error.map { "\($0)".contains("'\($0.option!)'") } == true)
                #expect(error.map { "\($0)".contains("hidden") || "\($0)".contains(secret) } == false)
            }
        }

        @Test("a socket, a context and a thread")
        func objects() async throws {
            let config = reader([
                "context.ioThreads": 1, "context.sendBudget": "none", "reactor.threadName": "configured",
                "in.bind": "tcp://127.0.0.1:*", "in.sendHighWaterMark": 3,
                "in.subscribe": .init(.stringArray(["a", "b"]), isSecret: false),
                "out.bind": .init(.stringArray(["inproc://x"]), isSecret: false), "out.subscribe": "a",
            ])
            let context = try Context(config: config.scoped(to: "context"))
            #expect(context.ioThreads == 1 && context.sendBudget == nil && context.receiveBudget == 2 << 30)
            let thread = try Reactor.start(config: config.scoped(to: "reactor"))
            try await thread.handle.run { reactor in
                let settings = try SocketConfiguration(config: config.scoped(to: "in"))
                let sub = try SubSocket(on: reactor, in: context, options: settings.options)
                let endpoints = try settings.attach(sub)
                #expect(endpoints.count == 1 && endpoints[0].hasPrefix("tcp://127.0.0.1:"))
                #expect(sub.topicCount == 2 && sub.options.sendHighWaterMark == 3)
                let pull = try PullSocket(on: reactor, in: context)
                let error = #expect(throws: ZMQError.self) {
                    try SocketConfiguration(config: config.scoped(to: "out")).attach(pull)
                }
                #expect(error?.option == "subscribe")
            }
            _ = await context.terminate()
            thread.stop()
            await thread.join()
            #expect(throws: ZMQError.self) { try Context(config: reader(["ioThreads": 65])) }
            #expect(throws: ZMQError.self) { try Context(config: reader(["sendBudget": 0])) }
            #expect(throws: ZMQError.self) { try Reactor.start(config: reader(["inboxLimit": 0])) }
        }
    }
#endif
