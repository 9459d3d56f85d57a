import Glibc
import KeelBase
import Subprocess
import SystemPackage

/// Runs programs of this machine, by swift-subprocess.
///
/// Each gets a session of its own: no terminal that it could ask at (it would be stopped there, and hang), and a process
/// group that can be ended as a whole. It inherits no open file but the standard streams.
package struct SystemProcessRunner: ProcessRunner {
    /// How long a program that is asked to end may take before it is killed.
    private static let patience = Duration.seconds(1)

    package init() {}

    package func run(_ request: ProcessRequest) async throws(ProcessFailure) -> ProcessResult {
        guard let name = request.command.first, request.command.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw ProcessFailure(.notStarted, "a program and its arguments are texts without a NUL")
        }
        let path = request.environment["PATH"]?.revealText()
        let program = try ProgramLookup.find(name, from: request.directory, path: path)
        let output = ProgramOutput()
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await Self.execute(program, request, output) }
            group.addTask { (try? await Task.sleep(for: request.timeLimit)) == nil ? .stopped : .timeIsUp }
            let first = await group.next() ?? .stopped
            // Ends the sleep, or the program; the end of the group waits for either.
            group.cancelAll()
            return first
        }
        if case .ended(let ending) = outcome {
            let complaint = output.complaint
            return ProcessResult(ending: ending, output: output.takeOutput(), complaint: complaint)
        }
        // Whoever ignored the request to end, and outlived the leader of its group.
        if let group = output.processID { _ = kill(-group, SIGKILL) }
        defer { _ = output.takeOutput() }
        throw failure(outcome, request, complaint: output.complaint)
    }

    private enum Outcome: Sendable {
        case ended(ProcessResult.Ending)
        case overflow
        case timeIsUp
        case stopped
        case failed(ProcessFailure)
    }

    private static func execute(
        _ program: String, _ request: ProcessRequest, _ output: ProgramOutput
    ) async -> Outcome {
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)),
                arguments: Arguments(
                    executablePathOverride: request.command.first, remainingValues: Array(request.command.dropFirst())),
                environment: .custom(variables(request.environment)), workingDirectory: FilePath(request.directory),
                platformOptions: options, input: .none, output: .sequence, error: .sequence
            ) { execution in
                output.began(as: execution.processIdentifier.value)
                async let errors: Void = output.collectErrors(execution.standardError)
                try await output.collect(execution.standardOutput, limit: request.outputLimit)
                await errors
            }
            switch result.terminationStatus {
            case .exited(let status): return .ended(.exited(status))
            case .signaled(let number): return .ended(.killed(signal: number))
            }
        } catch is ProgramOutput.Overflow {
            return .overflow
        } catch is CancellationError {
            return .stopped
        } catch let error as SubprocessError {
            return .failed(failure(error, program, request))
        } catch {
            return .failed(ProcessFailure(.notStarted, "\(ForeignText(program)) could not be run"))
        }
    }

    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: patience)
        ]
        return options
    }

    /// As bytes: what is no UTF-8 passes through as it is. A name that begins with a digit is none (POSIX), and
    /// swift-subprocess would refuse them all for it.
    private static func variables(_ environment: [String: Secret]) -> [[UInt8]] {
        environment.compactMap { name, value in
            guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
                return nil
            }
            return Array(name.utf8) + [UInt8(ascii: "=")] + value.reveal() + [0]
        }
    }

    // MARK: Failures

    private func failure(_ outcome: Outcome, _ request: ProcessRequest, complaint: ForeignText) -> ProcessFailure {
        let name = ForeignText(request.command.first ?? "")
        return switch outcome {
        case .failed(let failure): failure
        case .overflow:
            ProcessFailure(
                .tooMuchOutput, "the command \(name) printed more than \(request.outputLimit) bytes",
                complaint: complaint)
        case .timeIsUp:
            ProcessFailure(
                .timedOut,
                "the command \(name) did not end within \(request.timeLimit.components.seconds) s and was killed",
                complaint: complaint)
        case .stopped, .ended: ProcessFailure(.stopped, "the command \(name) was stopped", complaint: complaint)
        }
    }

    private static func failure(
        _ error: SubprocessError, _ program: String, _ request: ProcessRequest
    ) -> ProcessFailure {
        let words = error.underlyingError.map { ": \(ForeignText($0.description))" } ?? ""
        switch error.code {
        case .executableNotFound:
            // It is there, so it is what its first line names that is not.
            return ProcessFailure(
                .notExecutable, "\(ForeignText(program)) cannot be executed; does its first line name a program?")
        case .failedToChangeWorkingDirectory:
            return ProcessFailure(.notStarted, "the directory \(ForeignText(request.directory)) cannot be used\(words)")
        default: return ProcessFailure(.notStarted, "\(ForeignText(program)) could not be run\(words)")
        }
    }
}
