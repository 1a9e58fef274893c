'use strict';

exports.load = (address) => import(address);
