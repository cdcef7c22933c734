// The rules of hbDNNInfer.
#pragma once

#include "fakednn/state.h"

namespace rdk::fakednn {

// A task whose tensors keep the rules; smaller breaches are reported and let pass, as the vendor's library
// does not see them either. Throws Refusal for memory that cannot be used at all.
std::shared_ptr<Task> CheckedTask(State& state, const std::shared_ptr<Model>& model,
                                  const hbDNNTensor* inputs, const hbDNNTensor* outputs);

}  // namespace rdk::fakednn
