import KeelBase

/// The commands that secrets come from. Each is run once, however many steps want what it prints; a failure counts for
/// all of them too.
actor SecretCommands {
    private let processes: any ProcessRunner
    private let environment: [String: Secret]
    private let directory: String
    private var results: [[String]: Task<Result<Secret, SecretFailure>, Never>] = [:]

    /// How long a command may take.
    private static let timeLimit = Duration.seconds(30)
    /// The most that it may print: as much as may stand in a file.
    private static let outputLimit = 64 * 1024

    init(_ processes: any ProcessRunner, environment: [String: Secret], directory: String) {
        self.processes = processes
        self.environment = environment
        self.directory = directory
    }

    func secret(_ command: [String]) async throws(SecretFailure) -> Secret {
        // Of its own, because it is not one step's: whichever of those who wait is cut off, the run is.
        let task = results[command] ?? Task { await run(command) }
        results[command] = task
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return try result.get()
    }

    private nonisolated func run(_ command: [String]) async -> Result<Secret, SecretFailure> {
        let request = ProcessRequest(
            command, environment: environment, directory: directory, timeLimit: Self.timeLimit,
            outputLimit: Self.outputLimit)
        do throws(ProcessFailure) {
            return Self.secret(in: try await processes.run(request), of: command)
        } catch {
            return .failure(SecretFailure(error))
        }
    }

    private static func secret(in result: ProcessResult, of command: [String]) -> Result<Secret, SecretFailure> {
        // The program alone: its arguments are in the manifest, and some people put into them what they should not.
        let name = ForeignText(command.first ?? "")
        let ending: String
        switch result.ending {
        case .exited(0):
            let secret = result.output.withoutLineEnd
            guard secret.isEmpty else { return .success(secret) }
            return .failure(
                SecretFailure(
                    code: .empty, reason: "the command \(name) printed nothing",
                    remedy: "it must print the secret on its standard output", complaint: result.complaint))
        case .exited(let status): ending = "ended with status \(status)"
        case .killed(let signal): ending = "was killed by signal \(signal)"
        }
        return .failure(
            SecretFailure(
                code: .commandFailed, reason: "the command \(name) \(ending)",
                remedy: "run the command by hand in the project's directory to see why", complaint: result.complaint))
    }
}
