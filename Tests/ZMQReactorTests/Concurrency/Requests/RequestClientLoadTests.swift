import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Requests from tasks of the shared pool.
@Suite(.hangLimit)
struct RequestClientLoadTests {
    @Test(
        "tasks on other threads, some of them cancelled: nothing is lost, mixed up or left behind",
        arguments: [0, 1]
    )
    func pool(ioThreads: Int) async throws {
        let (tasks, count) = (40, 100)
        let context = Context(ioThreads: ioThreads)
        let (server, thread) = (try Reactor.start(), try Reactor.start())
        let endpoint = try await server.handle.run { reactor in
            let router = try RouterSocket(on: reactor, in: context) { router, request in
                // One request in ten is answered twice, and one not at all.
                let number = request.last.decimal ?? 0
                for _ in 0..<(number % 10 == 3 ? 2 : number % 10 == 7 ? 0 : 1) {
                    #expect(try! router.send(request) == .accepted)
                }
            }
            return try router.bind(ioThreads == 0 ? "inproc://load" : anyPort)
        }
        var options = RequestClient.Options()
        options.concurrency = 16
        options.timeout = .milliseconds(50)
        let client = try await RequestClient(to: endpoint, on: thread.handle, in: context, options: options)
        let ends = await withTaskGroup(of: (replies: Int, cancelled: Int, timedOut: Int).self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var ends = (replies: 0, cancelled: 0, timedOut: 0)
                    for number in 0..<count {
                        let text = "\(task * count + number)"
                        let request = Task { try await client.request(Message(text)) }
                        if number % 10 == 5 { request.cancel() }
                        do {
                            #expect(try await request.value.string == text)
                            ends.replies += 1
                        } catch let error as ZMQError where error.code == .cancelled {
                            ends.cancelled += 1
                        } catch {
                            #expect((error as? ZMQError)?.code == .timedOut)
                            ends.timedOut += 1
                        }
                    }
                    return ends
                }
            }
            return await group.reduce((replies: 0, cancelled: 0, timedOut: 0)) {
                ($0.replies + $1.replies, $0.cancelled + $1.cancelled, $0.timedOut + $1.timedOut)
            }
        }
        #expect(ends.replies + ends.cancelled + ends.timedOut == tasks * count)
        #expect(ends.timedOut >= tasks * count / 10)
        // What was cancelled before it was submitted is in no counter.
        await client.close(within: .seconds(10))
        let statistics = client.statistics
        #expect(statistics.replies == ends.replies && statistics.timedOut == ends.timedOut)
        #expect(statistics.requests == statistics.replies + statistics.timedOut + statistics.cancelled)
        #expect(statistics.refused == 0)
        for thread in [server, thread] {
            thread.stop()
            await thread.join()
        }
    }
}

/// The numbers of requests.
@Suite struct RequestTableTests {
    private func request() -> ClientRequest { ClientRequest("x", timeout: nil, retries: 0) }

    @Test("a number whose place is taken is passed over, also when numbers begin anew")
    func places() {
        var table = RequestTable(first: .max - 20)
        let slow = request()
        table.add(slow)
        var numbers: Set<UInt32> = [slow.number]
        for _ in 0..<1000 {
            let next = request()
            table.add(next)
            #expect(numbers.insert(next.number).inserted)
            #expect(table.remove(next.number) === next)
            #expect(table.remove(next.number) == nil)
        }
        #expect(table.count == 1 && table.remove(slow.number) === slow)
    }

    @Test("it grows, and every request is still found")
    func growth() {
        var table = RequestTable(first: .max - 100)
        let requests = (0..<500).map { _ in request() }
        for (index, request) in requests.enumerated() {
            table.add(request)
            if index % 3 == 0 { #expect(table.remove(request.number) === request) }
        }
        #expect(table.count == 333 && table.all.count == 333)
        for (index, request) in requests.enumerated() {
            #expect(table.remove(request.number) === (index % 3 == 0 ? nil : request))
        }
    }

    @Test("requests that end in the line give their memory back")
    func line() {
        var line = RequestLine()
        let first = request()
        line.append(first)
        for _ in 0..<10_000 {
            let next = request()
            line.append(next)
            next.place = .finished
            line.requestEnded()
        }
        #expect(line.count == 1 && line.length < 64)
        #expect(line.popFirst() === first && line.popFirst() == nil)
    }
}
