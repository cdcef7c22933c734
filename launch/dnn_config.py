"""What yolo_seg.launch.py takes from a JSON configuration of dnn_node_example."""

import json
import os

# Keys of a dnn_node configuration that have no meaning here, and why.
NEEDLESS_KEYS = {
    'model_output_count': 'the model itself says it',
    'reg_max': 'the model itself says it',
    'num_mask': 'the model itself says it',
    'strides': 'the model itself says it',
    'nms_top_k': 'every box above the score threshold is looked at; max_detections limits what comes out',
}


def class_names(config, path):
    """Names of the file that cls_names_list names, as model.class_names takes them."""
    listed = config['cls_names_list']
    folder = os.path.dirname(os.path.abspath(path))
    # dnn_node takes it from the working folder, into which its launch file copies the folder of the configuration.
    places = [os.path.join(base, listed) for base in (os.getcwd(), folder, os.path.dirname(folder))]
    found = next((place for place in places if os.path.isfile(place)), None)
    if found is not None:
        with open(found, encoding='utf-8') as lines:
            names = [line.strip() for line in lines if line.strip()]
        count = len(names)
    elif os.path.basename(listed) == 'coco.list':
        names, count = ['coco'], 80
    else:
        raise RuntimeError(f'{path}: cls_names_list is {listed}, which is none of {", ".join(dict.fromkeys(places))}')
    if config.get('class_num', count) != count:
        where = found or 'COCO'
        raise RuntimeError(f'{path}: class_num is {config["class_num"]}, but {where} has {count} names')
    return names


def of_kind(config, key, kinds, what, path):
    """Value of a key that has to be of some type; none of them is a boolean."""
    value = config[key]
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise RuntimeError(f'{path}: {key} is {json.dumps(value)}; expected {what}')
    return value


def read_config(path):
    """Parameters from a JSON configuration of dnn_node_example, and lines for the log."""
    try:
        with open(path, encoding='utf-8') as file:
            config = json.load(file)
    except (OSError, ValueError) as error:
        raise RuntimeError(f'dnn_example_config_file:={path}: {error}') from error
    if not isinstance(config, dict):
        raise RuntimeError(f'{path}: expected an object of keys and values')
    if config.get('dnn_Parser', 'yolov8_seg') != 'yolov8_seg':
        parser = json.dumps(config['dnn_Parser'])
        raise RuntimeError(f'{path}: dnn_Parser is {parser}; this node is for yolov8_seg alone')
    parameters = {}
    for key, name, kinds, convert, what in (
        ('model_file', 'model.path', str, str, 'a path'),
        ('model_name', 'backend.model_name', str, str, 'a text'),
        ('task_num', 'backend.tasks_in_flight', int, int, 'a whole number'),
        ('score_threshold', 'score_threshold', (int, float), float, 'a number'),
        ('nms_threshold', 'iou_threshold', (int, float), float, 'a number'),
    ):
        if key in config:
            parameters[name] = convert(of_kind(config, key, kinds, what, path))
    if 'class_num' in config:
        of_kind(config, 'class_num', int, 'a whole number', path)
    if 'cls_names_list' in config:
        of_kind(config, 'cls_names_list', str, 'a path', path)
        parameters['model.class_names'] = class_names(config, path)
    used = {'dnn_Parser', 'model_file', 'model_name', 'task_num', 'score_threshold', 'nms_threshold'}
    used |= {'cls_names_list', 'class_num'}
    log = [
        f'WARNING: {path}: {key} is ignored: {NEEDLESS_KEYS.get(key, "this node does not know it")}'
        for key in config
        if key not in used
    ]
    return parameters, log
