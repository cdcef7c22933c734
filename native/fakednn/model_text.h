// The text form of models: a magic line, directives, and what `hrt_model_exec model_info` prints.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fakednn/model.h"

namespace fakednn {

/// Appends the models of `text`. INVALID_MODEL (with the reason on stderr) or INCOMPATIBLE_MODEL otherwise.
int32_t ParseModels(const std::string& text, std::vector<std::unique_ptr<Model>>& models);

}  // namespace fakednn
