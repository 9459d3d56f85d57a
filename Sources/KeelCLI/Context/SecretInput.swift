import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSystem

extension CommandContext {
    /// A secret that somebody gives: from a terminal, which does not show it, else all of standard input without the line end
    /// after it.
    func readSecret(asking prompt: String) async throws -> Secret {
        guard Terminal.isTerminal(0) else { return try readInput().withoutLineEnd }
        let (answer, status) = await Self.hiddenAnswer(to: prompt)
        if let status { throw status.exit }
        return answer ?? Secret(copying: "")
    }

    /// A new passphrase, typed twice on a terminal.
    func readNewPassphrase() async throws -> Secret {
        guard let ask = Self.askingPassphrase(environment) else {
            try fail(
                Diagnostic(
                    .error, "key.passphrase-needed",
                    "the new passphrase cannot be asked for: there is no terminal here, or CI is set",
                    help: "give it with --new-passphrase-file, in a file with mode 0600", responsible: .operatorHere))
        }
        let first = await ask("New passphrase of \(ForeignText(paths.vault))") ?? Secret(copying: "")
        guard let second = await ask("The same again"), first.matches(second) else {
            try fail(
                Diagnostic(
                    .error, "key.passphrase-differs",
                    "the two passphrases are not the same, and nothing was changed",
                    help: "run the command again", responsible: .operatorHere))
        }
        return first
    }

    /// Whether a person sits at the terminal. A pipeline's job is nobody, whatever it looks like.
    static func hasPerson(_ environment: ProcessEnvironment) -> Bool {
        Terminal.isTerminal(0) && Terminal.isTerminal(2) && environment.nonEmpty("CI") == nil
    }

    /// Asks the person who sits here for a passphrase; nil where nobody does.
    static func askingPassphrase(_ environment: ProcessEnvironment) -> VaultPassphrase.Asking? {
        guard hasPerson(environment) else { return nil }
        return { prompt in
            let (answer, status) = await hiddenAnswer(to: prompt)
            guard let status else { return answer }
            SignalNumber.leave(status == .interrupted ? SignalNumber.interrupt : SignalNumber.terminate)
        }
    }

    /// What somebody types who is not shown it; and how the command ends if a signal came instead.
    private static func hiddenAnswer(to prompt: String) async -> (answer: Secret?, status: ExitStatus?) {
        let stop = StopRequest()
        stop.mayBeCutOffAtOnce(true)
        stop.announce { _ in StandardStream.error.write("\n") }
        let answer = try? await stop.whileWatching {
            StandardStream.error.write("\(prompt): ")
            return await Terminal.readHiddenLine()
        }
        StandardStream.error.write("\n")
        return (answer ?? nil, stop.status)
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
