import KeelBase
import KeelModel
import KeelPlan
import Testing

/// Resources and steps as one graph, for people and for tools.
struct GraphTests {
    private static let text =
        Manifest.idp + Manifest.one + Manifest.two.replacing("active: true", with: "active: false")

    private static func graph(_ text: String, over world: World = World()) -> ResourceGraph {
        ResourceGraph(World.desired(text), world.plan(text))
    }

    @Test func `as text, to the letter`() {
        #expect(
            Self.graph(Self.text).rendered(.text) == """
                OAuthProfile/idp (create)
                  resolve: resolve client.secret fromEnv SECRET, version 1
                  discover: discover https://login.example.com
                  verify: verify that https://login.example.com accepts the client
                    after OAuthProfile/idp#resolve, OAuthProfile/idp#discover
                  record
                    after OAuthProfile/idp#verify
                Authorization/idp:(app) (create) -> OAuthProfile/idp
                  authorize: authorize: client_credentials as (app) at https://login.example.com
                    after OAuthProfile/idp#resolve, OAuthProfile/idp#discover, OAuthProfile/idp#verify
                  record
                    after Authorization/idp:(app)#authorize
                EmailAccount/one (create) -> Authorization/idp:(app)
                  test: test imap imap.example.com:993 tls by token as one@example.com
                    after Authorization/idp:(app)#authorize
                  record
                    after EmailAccount/one#test, OAuthProfile/idp#record, Authorization/idp:(app)#record
                EmailAccount/two (create) -> Authorization/idp:(app)
                  record
                    after OAuthProfile/idp#record

                """)
    }

    @Test func `without changes there are the resources alone`() {
        var world = World()
        world.apply(Self.text)
        #expect(
            Self.graph(Self.text, over: world).rendered(.text) == """
                OAuthProfile/idp
                Authorization/idp:(app) -> OAuthProfile/idp
                EmailAccount/one -> Authorization/idp:(app)
                EmailAccount/two -> Authorization/idp:(app)

                """)
        #expect(Self.graph("").rendered(.text) == "There is no resource.\n")
    }

    @Test func `what goes is in it too`() {
        var world = World()
        world.apply(Self.text)
        let graph = Self.graph("", over: world)
        #expect(graph.nodes.map(\.action) == [.delete, .delete, .delete, .delete])
    }

    /// Names that a foreign syntax would trip over.
    private static let odd = Self.text.replacing("one@example.com", with: "o\\\"n e]@example.com")
        .replacing("grant: client_credentials", with: "grant: authorization_code")

    @Test(arguments: [text, odd.replacing("\\\"", with: "'")])
    func `dot names each step once, and both ends of each edge`(text: String) {
        let graph = Self.graph(text)
        let lines = graph.rendered(.dot).split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.first == "digraph mailkeel {" && lines.last == "}")
        var nodes: Set<Substring> = []
        var edges: [(Substring, Substring)] = []
        for line in lines where line.hasPrefix("\"") {
            if let arrow = line.firstRange(of: " -> ") {
                let end = line[arrow.upperBound...]
                edges.append(
                    (
                        line[..<arrow.lowerBound],
                        end.prefix(upTo: end.firstRange(of: " [")?.lowerBound ?? end.index(before: end.endIndex))
                    ))
            } else if let label = line.firstRange(of: " [label = ") {
                #expect(nodes.insert(line[..<label.lowerBound]).inserted, "\(line)")
            }
        }
        #expect(nodes.count == graph.nodes.count + graph.steps.count)
        #expect(edges.count == graph.edges)
        for (from, to) in edges { #expect(nodes.contains(from) && nodes.contains(to), "\(from) -> \(to)") }
        #expect(lines.count { $0.hasSuffix("{") } == lines.count { $0 == "}" })
    }

    @Test(arguments: [text, odd.replacing("\\\"", with: "'")])
    func `mermaid names each step once, and both ends of each edge`(text: String) {
        let graph = Self.graph(text)
        let lines = graph.rendered(.mermaid).split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.first == "flowchart LR")
        var nodes: Set<Substring> = []
        var edges: [(Substring, Substring)] = []
        for line in lines.dropFirst() where line != "end" {
            if let arrow = line.firstRange(of: " --> ") ?? line.firstRange(of: " -.-> ") {
                edges.append((line[..<arrow.lowerBound], line[arrow.upperBound...]))
            } else {
                let name = (line.hasPrefix("subgraph ") ? line.dropFirst("subgraph ".count) : line).prefix {
                    $0 != "[" && $0 != "("
                }
                #expect(nodes.insert(name).inserted, "\(line)")
            }
        }
        #expect(nodes.count == graph.nodes.count + graph.steps.count)
        #expect(edges.count == graph.edges)
        for (from, to) in edges { #expect(nodes.contains(from) && nodes.contains(to), "\(from) --> \(to)") }
        #expect(lines.count { $0.hasPrefix("subgraph ") } == lines.count { $0 == "end" })
    }

    @Test func `for programs it is a format`() throws {
        let graph = Self.graph(Self.text)
        let json = try JSON(parsing: Array(graph.rendered(.json).utf8))
        #expect(json.members?.map(\.name) == ["format", "type", "resources", "steps"])
        #expect(json["format"] == 1 && json["type"] == "graph")
        let addresses = Set(json["resources"]?.array?.compactMap { $0["address"]?.string } ?? [])
        #expect(addresses == Set(graph.nodes.map(\.address.description)))
        for resource in json["resources"]?.array ?? [] {
            for dependency in resource["dependencies"]?.array ?? [] {
                #expect(addresses.contains(dependency.string ?? ""))
            }
        }
        let ids = json["steps"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(ids).count == ids.count && ids.count == graph.steps.count)
        for step in json["steps"]?.array ?? [] {
            #expect(addresses.contains(step["address"]?.string ?? ""))
            for before in step["after"]?.array ?? [] { #expect(ids.contains(before.string ?? "")) }
        }
    }

    /// As many nodes and edges as there are accounts, and not as many as there are pairs of them.
    @Test func `ten thousand accounts`() {
        let graph = Self.graph(Manifest.idp + (0..<10_000).map { Manifest.account("n\($0)") }.joined())
        #expect(graph.nodes.count == 10_002)
        #expect(graph.steps.count == 6 + 2 * 10_000)
        #expect(graph.edges == 10_001 + 7 + 4 * 10_000)
        #expect(graph.rendered(.text).utf8.count { $0 == UInt8(ascii: "\n") } < 6 * 10_000)
        for format in GraphFormat.allCases { #expect(graph.rendered(format).hasSuffix("\n")) }
    }
}

extension ResourceGraph {
    fileprivate var steps: [Step] { nodes.flatMap(\.steps) }

    /// Between resources and between steps.
    fileprivate var edges: Int {
        let dependencies = nodes.map(\.dependencies.count).reduce(0, +)
        return steps.map(\.after.count).reduce(dependencies, +)
    }
}
