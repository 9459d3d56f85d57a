import KeelBase
import KeelMail
import KeelPlan

/// Logs in to mail servers: the one place where the mail machines meet the network.
package struct LoginTester: Sendable {
    private let dialer: any StreamDialer
    private let explanation: FailureExplanation
    /// How long the whole login may take, once connected.
    private let limit: Duration
    private static let connectTimeout = Duration.seconds(20)

    package init(dialer: any StreamDialer, explanation: FailureExplanation, limit: Duration = .seconds(45)) {
        self.dialer = dialer
        self.explanation = explanation
        self.limit = limit
    }

    /// Proves that the token opens the mailbox.
    package func login(
        _ work: TestWork, accessToken: Secret, for address: ResourceAddress
    ) async throws(StepFailure) -> LoginProof {
        let stream: any DialedStream
        do throws(DialFailure) {
            stream = try await dialer.connect(
                to: work.endpoint, security: .tls(serverName: work.endpoint.host, work.trust),
                timeout: Self.connectTimeout)
        } catch {
            throw StepFailure(
                explanation.serverUnreached(error.reason, address, endpoint: work.endpoint), weight: .unproven)
        }
        let probe = IMAPLoginProbe(
            userName: work.userName, accessToken: accessToken, mechanism: work.mechanism ?? .xoauth2,
            endpoint: work.endpoint)
        let outcome = await Self.within(limit, stream) { await Self.drive(probe, over: stream) }
        await stream.close()
        switch outcome {
        case .proven(let proof): return proof
        case .refused(let failure):
            var refusal = StepFailure(
                explanation.loginFailure(failure, address, endpoint: work.endpoint), weight: .unproven)
            refusal.mail = failure
            throw refusal
        case .broken(let failure):
            throw StepFailure(explanation.serverUnreached(failure, address, endpoint: work.endpoint), weight: .unproven)
        }
    }

    private enum Outcome: Sendable {
        case proven(LoginProof)
        case refused(MailFailure)
        case broken(ConnectionFailure)
    }

    /// Does what the machine says until it has finished.
    private static func drive(_ start: IMAPLoginProbe, over stream: any ByteStream) async -> Outcome {
        var probe = start
        var actions = probe.start()
        do throws(ConnectionFailure) {
            while true {
                for action in actions {
                    switch action {
                    case .send(let bytes, _): try await stream.write(bytes.reveal())
                    case .farewell(let bytes, _): try? await stream.write(bytes.reveal())
                    // The connection is secure from its first byte, so no probe asks for it.
                    case .startTLS: return .broken(.closed)
                    case .finished(.success(let proof)): return .proven(proof)
                    case .finished(.failure(let failure)): return .refused(failure)
                    }
                }
                let bytes = try await stream.read()
                actions = bytes.isEmpty ? probe.receiveEnd() : probe.receive(bytes)
                if bytes.isEmpty, actions.isEmpty { return .broken(.closed) }
            }
        } catch {
            // The proof stands even if the server hangs up before it says goodbye.
            return probe.proof.map(Outcome.proven) ?? .broken(error)
        }
    }

    /// Ends a login that takes too long by closing its connection. A proof that was had by then stands.
    private static func within(
        _ limit: Duration, _ stream: any ByteStream, _ body: @escaping @Sendable () async -> Outcome
    ) async -> Outcome {
        await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await body() }
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return nil }
                await stream.close()
                return nil
            }
            var isLate = false
            for await result in group {
                guard let outcome = result else {
                    isLate = true
                    continue
                }
                group.cancelAll()
                if case .proven = outcome { return outcome }
                return isLate ? .broken(.timedOut) : outcome
            }
            return .broken(.timedOut)
        }
    }
}
