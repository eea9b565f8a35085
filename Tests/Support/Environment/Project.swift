import Glibc

/// The locations of this project's files and programs.
public enum Project {
    /// The root of the repository.
    public static let root = String(#filePath.dropLast("/Tests/Support/Environment/Project.swift".count))

    /// A file of the repository, by its path from the root.
    public static func file(_ path: String) -> String { "\(root)/\(path)" }

    /// The directory of this test program and of the executables.
    public static var products: String {
        let program = linkTarget("/proc/self/exe")
        return String(program[..<(program.lastIndex(of: "/") ?? program.startIndex)])
    }

    /// The path of an executable target of the package whose tests run.
    public static func executable(_ name: String) throws -> String {
        let path = "\(products)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw TestFailure("no executable \(path); is it a target in Package.swift?")
        }
        return path
    }
}

extension Project {
    /// The working directory of this process. Tests do not change it.
    public static var currentDirectory: String { linkTarget("/proc/self/cwd") }
}
