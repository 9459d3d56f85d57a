import KeelBase
import KeelDiagnostics
import KeelSystem

extension CommandContext {
    /// A secret that somebody gives: from a terminal, which does not show it, else all of standard input without the line end
    /// after it.
    func readSecret(asking prompt: String) async throws -> Secret {
        guard Terminal.isTerminal(0) else { return try readInput().withoutLineEnd }
        let stop = StopRequest()
        stop.mayBeCutOffAtOnce(true)
        stop.announce { _ in StandardStream.error.write("\n") }
        let answer = try await stop.whileWatching {
            StandardStream.error.write("\(prompt): ")
            return await Terminal.readHiddenLine()
        }
        StandardStream.error.write("\n")
        if let status = stop.status { throw status.exit }
        return answer ?? Secret(copying: "")
    }

    private func readInput() throws -> Secret {
        do throws(FileFailure) {
            return Secret(copying: try files.read("/dev/stdin", limit: SecretFile.limit) ?? [])
        } catch {
            try fail(
                Diagnostic(
                    .error, "file.\(error.code.rawValue)", error.description,
                    help: "give the secret alone, at most \(SecretFile.limit) bytes", responsible: .operatorHere))
        }
    }
}
