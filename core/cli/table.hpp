// Columns of text, aligned.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace triage::cli {

using Row = std::vector<std::string>;

// Each row on a line, indented by `indent`, columns two blanks apart and as wide as their widest
// cell, but nothing wider than `columns`: the last column wraps under itself, and a cell that would
// leave it too little room has a line of its own.
std::string table(const std::vector<Row>& rows, std::size_t indent, std::size_t columns);

// How wide standard output is.
std::size_t output_columns();

}  // namespace triage::cli
