import Dispatch
import Glibc
import KeelBase
import KeelNet
import Testing

/// Names, and the addresses that they lead to.
struct NameTests {
    private func dialer(version6: [String] = [], version4: [String] = []) -> NetworkDialer {
        NetworkDialer(
            roots: TrustRoots(), lookup: NameLookup { _, family in family == .version6 ? version6 : version4 })
    }

    private func failure(
        _ dialer: NetworkDialer, port: Int = 1, timeout: Duration = .ample
    ) async -> DialFailure? {
        do throws(DialFailure) {
            let stream = try await dialer.connect(
                to: HostPort(host: "a.test", port: port), security: .clear, timeout: timeout)
            await stream.close()
            return nil
        } catch {
            return error
        }
    }

    private func server() async throws -> StreamListener {
        try await StreamListener.start(on: .anyLoopback, identity: nil) { _ = try? await $0.readAll() }
    }

    @Test(arguments: [
        ([], ["127.0.0.1"]), ([], ["127.0.0.2", "127.0.0.1"]), (["::1"], ["127.0.0.1"]),
        (["::1", "::1%lo"], ["127.0.0.9", "127.0.0.1"]), (["nonsense"], ["127.0.0.1"]),
    ])
    func `an address that refuses is followed by the next`(version6: [String], version4: [String]) async throws {
        let listener = try await server()
        let stream = try await dialer(version6: version6, version4: version4).connect(
            to: HostPort(host: "a.test", port: listener.endpoint.port), security: .clear, timeout: .ample)
        #expect(stream.opening.peer == listener.endpoint)
        #expect(stream.opening.resolving != nil && stream.opening.proxy == nil)
        await stream.close()
        await listener.stop()
    }

    @Test func `an address that does not answer is not waited for`() async throws {
        let listener = try await server()
        let silent = try SilentPort(host: "127.0.0.2", port: listener.endpoint.port)
        let stream = try await dialer(version4: ["127.0.0.2", "127.0.0.1"]).connect(
            to: HostPort(host: "a.test", port: listener.endpoint.port), security: .clear, timeout: .ample)
        #expect(stream.opening.peer == listener.endpoint)
        await stream.close()
        let late = await failure(
            dialer(version4: ["127.0.0.2"]), port: listener.endpoint.port, timeout: .seconds(1))
        #expect(late == DialFailure(.timedOut, at: .tcp, tried: ["127.0.0.2"]))
        await listener.stop()
        withExtendedLifetime(silent) {}
    }

    @Test(arguments: NameLookup.Family.allCases)
    func `a family whose answer does not come is not waited for`(missing: NameLookup.Family) async throws {
        let listener = try await StreamListener.start(
            on: HostPort(host: missing == .version6 ? "127.0.0.1" : "::1", port: 0), identity: nil
        ) { _ = try? await $0.readAll() }
        let end = DispatchSemaphore(value: 0)
        let lookup = NameLookup { _, family in
            guard family == missing else { return [listener.endpoint.host] }
            end.wait()
            return []
        }
        let stream = try await NetworkDialer(roots: TrustRoots(), lookup: lookup).connect(
            to: HostPort(host: "a.test", port: listener.endpoint.port), security: .clear, timeout: .ample)
        #expect(stream.opening.peer == listener.endpoint)
        await stream.close()
        end.signal()
        await listener.stop()
    }

    @Test func `a name without an address fails while names are asked for`() async {
        #expect(await failure(dialer()) == DialFailure(.nameNotResolved(host: "a.test"), at: .dns))
    }

    @Test func `a resolver that hangs runs into the deadline, or is left by who is cancelled`() async {
        let end = DispatchSemaphore(value: 0)
        let hanging = NetworkDialer(
            roots: TrustRoots(),
            lookup: NameLookup { _, _ in
                end.wait()
                return []
            })
        #expect(await failure(hanging, timeout: .milliseconds(50)) == DialFailure(.timedOut, at: .dns))
        let dialing = Task { await failure(hanging) }
        dialing.cancel()
        #expect(await dialing.value == DialFailure(.closed, at: .dns))
        for _ in 0..<4 { end.signal() }
    }

    @Test func `addresses that all refuse are told`() async {
        let closed = ClosedPort()
        let failure = await failure(
            dialer(version4: ["127.0.0.1", "127.0.0.9"]), port: closed.endpoint.port)
        #expect(failure == DialFailure(.refused, at: .tcp, tried: ["127.0.0.1", "127.0.0.9"]))
    }

    @Test func `an address needs no resolver`() async throws {
        let listener = try await server()
        let stream = try await dialer().connect(to: listener.endpoint, security: .clear, timeout: .ample)
        #expect(stream.opening.peer == listener.endpoint && stream.opening.resolving == nil)
        await stream.close()
        await listener.stop()
    }

    @Test func `the system knows this machine`() async throws {
        let listener = try await server()
        let stream = try await NetworkDialer(roots: TrustRoots()).connect(
            to: HostPort(host: "localhost", port: listener.endpoint.port), security: .clear, timeout: .ample)
        #expect(stream.opening.peer == listener.endpoint && stream.opening.resolving != nil)
        await stream.close()
        await listener.stop()
    }
}

/// A port where the kernel drops those who want in: the queue of a server that accepts nobody is full.
final class SilentPort: Sendable {
    private let descriptors: [Int32]

    struct Unavailable: Error {}

    init(host: String, port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr(host)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var descriptors = [server]
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard unsafe bind(server, generic, length) == 0, listen(server, 0) == 0 else { return false }
                for _ in 0..<4 {
                    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    _ = unsafe connect(client, generic, length)
                    descriptors.append(client)
                }
                return true
            }
        }
        self.descriptors = descriptors
        guard isBound else { throw Unavailable() }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
