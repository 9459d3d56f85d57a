import KeelBase

/// Judges a value by a schema: the keywords that our schemas have, and no others.
struct SchemaValidator {
    let root: JSON
    private(set) var unknownKeywords: Set<String> = []
    private var patterns: [String: Regex<AnyRegexOutput>] = [:]

    init(_ root: JSON) { self.root = root }

    private static let remarks: Set<String> = [
        "$schema", "$id", "$defs", "title", "description", "default", "examples", "format",
    ]

    mutating func accepts(_ value: JSON) throws -> Bool { try accepts(value, root) }

    private mutating func accepts(_ value: JSON, _ schema: JSON) throws -> Bool {
        if let flag = schema.boolean { return flag }
        for keyword in schema.members ?? [] where !Self.remarks.contains(keyword.name) {
            guard try holds(keyword, value, schema) else { return false }
        }
        return true
    }

    private mutating func holds(_ keyword: JSON.Member, _ value: JSON, _ schema: JSON) throws -> Bool {
        let operand = keyword.value
        switch keyword.name {
        case "$ref":
            let path = (operand.string ?? "").split(separator: "/").dropFirst()
            return try accepts(value, path.reduce(root) { $0[String($1)] ?? false })
        case "type": return (operand.array ?? [operand]).contains { isOf(value, $0.string ?? "") }
        case "const": return value == operand
        case "enum": return operand.array?.contains(value) == true
        case "allOf": return try (operand.array ?? []).allSatisfy { try accepts(value, $0) }
        case "anyOf": return try (operand.array ?? []).contains { try accepts(value, $0) }
        case "oneOf": return try (operand.array ?? []).count { try accepts(value, $0) } == 1
        case "not": return try !accepts(value, operand)
        case "if": return try !accepts(value, operand) || accepts(value, schema["then"] ?? true)
        case "then": return true
        case "required", "properties", "additionalProperties", "propertyNames":
            guard let members = value.members else { return true }
            return try holdsOfObject(keyword, members, schema)
        case "items": return try (value.array ?? []).allSatisfy { try accepts($0, operand) }
        case "minItems": return value.array.map { $0.count >= operand.integer ?? 0 } ?? true
        case "uniqueItems":
            return value.array.map { items in items.indices.allSatisfy { !items[..<$0].contains(items[$0]) } } ?? true
        case "pattern": return try value.string.map { try matches($0, operand.string ?? "") } ?? true
        case "maxLength": return value.string.map { $0.unicodeScalars.count <= operand.integer ?? 0 } ?? true
        case "minimum": return value.integer.map { $0 >= operand.integer ?? 0 } ?? true
        case "maximum": return value.integer.map { $0 <= operand.integer ?? 0 } ?? true
        default:
            unknownKeywords.insert(keyword.name)
            return true
        }
    }

    private mutating func holdsOfObject(
        _ keyword: JSON.Member, _ members: [JSON.Member], _ schema: JSON
    ) throws -> Bool {
        let operand = keyword.value
        switch keyword.name {
        case "required":
            return (operand.array ?? []).allSatisfy { name in members.contains { $0.name == name.string } }
        case "properties":
            return try members.allSatisfy { member in
                try operand[member.name].map { try accepts(member.value, $0) } ?? true
            }
        case "additionalProperties":
            return try members.allSatisfy { member in
                try schema["properties"]?[member.name] != nil || accepts(member.value, operand)
            }
        default: return try members.allSatisfy { try accepts(.string($0.name), operand) }
        }
    }

    private func isOf(_ value: JSON, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.boolean, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }

    private mutating func matches(_ text: String, _ pattern: String) throws -> Bool {
        let regex: Regex<AnyRegexOutput>
        if let known = patterns[pattern] {
            regex = known
        } else {
            regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
            patterns[pattern] = regex
        }
        return try regex.firstMatch(in: text) != nil
    }
}
