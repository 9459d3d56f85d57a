import Glibc

/// Feeds inputs to a fuzz target: from libFuzzer when built for it, else from the files of a corpus.
package enum FuzzDriver {
    /// Whether a target is to have a crash that no input of its corpus meets: `.ci/fuzz selftest` shows that it is found.
    package static let hasPlantedCrash = unsafe getenv("KEEL_PLANTED_CRASH") != nil

    /// Crashes where one is planted and `condition` holds.
    package static func plantCrash(when condition: @autoclosure () -> Bool) {
        precondition(!hasPlantedCrash || !condition(), "planted: this crash was put here to be found")
    }

    /// Runs until libFuzzer ends it, or until every file below the directories in the arguments was tried.
    package static func main(_ body: @escaping @Sendable ([UInt8]) -> Void) {
        #if KEEL_FUZZING
            fuzz(body)
        #else
            replay(body)
        #endif
    }

    #if !KEEL_FUZZING
        private static func replay(_ body: ([UInt8]) -> Void) {
            var count = 0
            for directory in CommandLine.arguments.dropFirst() {
                for name in names(in: directory) {
                    guard let bytes = bytes(of: "\(directory)/\(name)") else { continue }
                    body(bytes)
                    count += 1
                }
            }
            let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "fuzz"
            unsafe puts("\(program): replayed \(count) inputs")
            if count == 0 { exit(1) }
        }

        private static func names(in directory: String) -> [String] {
            guard let stream = unsafe opendir(directory) else { return [] }
            defer { unsafe closedir(stream) }
            var names: [String] = []
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                if !name.hasPrefix(".") { names.append(name) }
            }
            return names.sorted()
        }

        private static func bytes(of path: String) -> [UInt8]? {
            guard let file = unsafe fopen(path, "rb") else { return nil }
            defer { unsafe fclose(file) }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = unsafe fread(&buffer, 1, buffer.count, file)
                guard count > 0 else { return bytes }
                bytes += buffer.prefix(count)
            }
        }
    #endif
}

#if KEEL_FUZZING
    /// The target's body; set once, before libFuzzer is given control of this single thread.
    nonisolated(unsafe) private var target: ([UInt8]) -> Void = { _ in }

    /// The symbol that libFuzzer's runtime wants to find.
    @_cdecl("LLVMFuzzerTestOneInput")
    package func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
        unsafe target(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    extension FuzzDriver {
        fileprivate static func fuzz(_ body: @escaping @Sendable ([UInt8]) -> Void) {
            unsafe target = body
            var count = CommandLine.argc
            var arguments = unsafe CommandLine.unsafeArgv
            exit(unsafe runDriver(&count, &arguments) { unsafe fuzzOneInput($0, $1) })
        }
    }
#endif
