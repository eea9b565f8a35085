extension Listener {
    var endpointInfo: EndpointInfo {
        EndpointInfo(endpoint: "\(endpoint)", state: isListening ? .listening : .closing, sendQueue: QueueLevel())
    }
}

extension Connector {
    var endpointInfo: EndpointInfo {
        let state: EndpointInfo.State =
            if isClosing || isClosed { .closing } else if pipe?.peer != nil { .connected } else {
                isPausing ? .waiting : .connecting
            }
        return EndpointInfo(endpoint: "\(endpoint)", state: state, sendQueue: pipe?.sendLevel ?? QueueLevel())
    }
}
