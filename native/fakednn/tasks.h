// Tasks from hbDNNInfer to hbDNNReleaseTask.
#pragma once

#include "dnn_abi/dnn_abi.h"
#include "fakednn/fakednn.h"
#include "fakednn/model.h"

namespace fakednn {

/// Tasks of this model that were not released.
int CountTasksOf(const Model& model);
int32_t Infer(hbDNNTaskHandle_t* handle, hbDNNTensor** outputs, const hbDNNTensor* inputs, const Model& model,
              const hbDNNInferCtrlParam& control);
void ResetTaskCounters();
void CountTasks(hbFakeCounters& counters);

}  // namespace fakednn
