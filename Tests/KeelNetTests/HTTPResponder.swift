import KeelBase
import KeelNet
import Synchronization

/// What arrived at a server, one entry for each connection that brought a byte.
final class Received: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ bytes: [UInt8]) { texts.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
}

extension StreamListener {
    /// Reads one request from each connection and answers it with `answer`, byte for byte.
    static func responding(
        _ answer: String = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", identity: ServerIdentity? = nil,
        _ received: Received = Received()
    ) async throws -> StreamListener {
        try await start(on: .anyLoopback, identity: identity) { stream in
            guard let request = try? await stream.readRequest(), !request.isEmpty else { return }
            received.add(request)
            try? await stream.write(answer)
            // The client closes when it has what it wants.
            _ = try? await stream.readAll()
        }
    }
}

extension ByteStream {
    /// The head of a request, and as many bytes of the body as it announces.
    fileprivate func readRequest() async throws -> [UInt8] {
        var text = ""
        while true {
            let more = try await read()
            guard !more.isEmpty else { return Array(text.utf8) }
            text += String(decoding: more, as: UTF8.self)
            guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
            let length = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            let announced = length.flatMap { DecimalNumber.parse(String($0.dropFirst(16))) } ?? 0
            if text[end.upperBound...].utf8.count >= announced { return Array(text.utf8) }
        }
    }

    /// Copies both ways until both sides have ended.
    func relay(to other: any ByteStream) async {
        await withTaskGroup(of: Void.self) { group in
            for (source, target) in [(self as any ByteStream, other), (other, self)] {
                group.addTask {
                    while let bytes = try? await source.read(), !bytes.isEmpty { try? await target.write(bytes) }
                    await target.close()
                }
            }
        }
    }
}

extension NetworkHTTPTransport {
    /// Sends one request, and ends.
    func sendOnce(
        _ request: HTTPRequest, trust: Trust = .system, timeout: Duration = .ample
    ) async -> Result<HTTPResponse, ConnectionFailure> {
        let result: Result<HTTPResponse, ConnectionFailure>
        do throws(ConnectionFailure) {
            result = .success(try await send(request, trust: trust, timeout: timeout))
        } catch {
            result = .failure(error)
        }
        await shutdown()
        return result
    }
}

extension Result {
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
