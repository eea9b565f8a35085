import ZMQReactorTestSupport

@testable import EventReactor
@testable import ZMQReactor
@testable import ZMTP

/// A scene for one input, after which nothing of it is left: no object, and none of the memory for messages.
enum TargetScene {
    /// - Parameter body: returns what is wrong; nil if nothing is.
    static func run(_ body: (TestScene) throws -> String?) -> String? {
        let traces = Traces()
        do {
            return try fault(in: body, traces) ?? traces.fault
        } catch {
            return "\(error)"
        }
    }

    /// In a function of its own, so that nothing of it is referred to afterwards.
    @inline(never)
    private static func fault(in body: (TestScene) throws -> String?, _ traces: Traces) throws -> String? {
        let scene = try TestScene(seed: 1)
        traces.follow(scene)
        if let fault = try body(scene) {
            scene.abandon()
            return fault
        }
        try scene.close()
        let toSend = scene.context.sending.bytesUsed
        let toReceive = scene.context.receiving.used
        return toSend == 0 && toReceive == 0
            ? nil : "\(toSend) bytes to send and \(toReceive) that were received are left of the context's budgets"
    }

    /// What is to be gone.
    private final class Traces {
        private weak var reactor: Reactor?
        private weak var context: Context?
        private weak var buffers: StreamBuffers?

        func follow(_ scene: TestScene) {
            (reactor, context) = (scene.reactor, scene.context)
            buffers = .of(scene.reactor)
        }

        var fault: String? {
            if reactor != nil { return "the reactor is left" }
            if context != nil { return "the context is left" }
            if buffers != nil { return "the buffers of the streams are left" }
            return nil
        }
    }
}
