import EventReactor
import Glibc
import Testing

@Suite struct ReactorErrorTests {
    @Test func describesOperationAndReason() {
        let error = ReactorError.system("cannot watch descriptor 7", errno: EBADF)
        #expect(error.code == .badDescriptor)
        #expect(error.errno == EBADF)
        #expect(error.description == "cannot watch descriptor 7: Bad file descriptor (EBADF)")
    }

    @Test func withoutASystemCallBehindIt() {
        let error = ReactorError(.signalInUse, "SIGINT is taken")
        #expect(error.errnoName == nil)
        #expect(error.description == "SIGINT is taken")
        #expect(error.code.description == "signalInUse")
    }

    @Test(arguments: [
        (EMFILE, ReactorError.Code.resourceExhausted), (ESRCH, .noSuchProcess), (ECHILD, .notAChild),
        (EINVAL, .invalidArgument), (EIO, .system),
    ])
    func numbersAreSorted(number: CInt, code: ReactorError.Code) {
        #expect(ReactorError.system("x", errno: number).code == code)
    }
}
