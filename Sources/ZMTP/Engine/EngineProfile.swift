extension Engine {
    /// What all connections of an endpoint have in common. It is immutable: made once, and shared by their engines.
    package final class Profile: Sendable {
        let configuration: Configuration
        /// The socket's own properties, as READY carries them.
        let properties: [UInt8]
        /// The own greeting.
        let greeting: Greeting
        /// Whether 1.0 and 2.0 are spoken.
        let speaksLegacyVersions: Bool

        package init(_ configuration: Configuration) {
            var properties: [UInt8] = []
            configuration.properties.append(to: &properties)
            self.properties = properties
            greeting = configuration.mechanism.greeting
            speaksLegacyVersions = configuration.speaksLegacyVersions
            self.configuration = configuration
        }

        /// Replaces the mechanism's keys that are a minute old at `now`: see ``Mechanism/replaceKeys(at:)``.
        package func replaceKeys(at now: Int64) { configuration.mechanism.replaceKeys(at: now) }
    }
}
